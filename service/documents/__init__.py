"""From a picture of an identity document to a `DocumentReading`."""
