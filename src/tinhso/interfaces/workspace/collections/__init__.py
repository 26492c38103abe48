"""Pages of collection lists: tuition, hospital fees (thu theo danh sách)."""
