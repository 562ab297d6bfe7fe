"""Journeys: the real client on a simulated Discord, as readers, players and admins use it."""
