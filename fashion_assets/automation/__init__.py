"""What runs together, and what starts it: jobs, schedules, sensors, planning and code versions."""
