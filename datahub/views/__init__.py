"""The Data Hub's pages."""
