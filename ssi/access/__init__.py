"""Who may do what: Functional Component x User Role x Job Type Role. Pure; knows no model and no request."""
