"""What is started together, by whom and why: jobs, schedules, sensors, planning and code versions."""
