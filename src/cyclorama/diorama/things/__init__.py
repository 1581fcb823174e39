"""Things that stand in places: functions that make solids, each tagged with what it is."""
