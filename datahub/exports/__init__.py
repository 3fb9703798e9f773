"""Tables on their way out of the house, as CSV or Excel."""
