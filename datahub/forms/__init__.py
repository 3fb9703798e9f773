"""The Data Hub's forms."""
