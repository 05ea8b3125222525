"""The pages of Requests for Install Code, a module per part of their life."""
