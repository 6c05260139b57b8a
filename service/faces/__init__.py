"""Picture -> the one face that counts -> template -> similarity."""
