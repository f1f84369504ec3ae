"""Small widgets that every page uses. They are handed what they show, keep no data and never reach up."""
