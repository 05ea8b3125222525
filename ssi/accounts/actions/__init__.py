"""What can be done about parties, people, their roles and their tokens; every way in calls these."""
