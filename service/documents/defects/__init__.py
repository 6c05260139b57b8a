"""What can be wrong with a picture of a card: small measurements, each of something physical, each in its own module.

Every measurement takes a `CardView` and answers numbers; `service.documents.alerts` holds them against thresholds.
Nothing here is learnt. What each is worth, on which pictures, stands in `models/cards/alerts.md`.
"""
