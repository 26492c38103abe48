"""Collection lists: tuition, hospital fees and other sums a school or hospital collects from a list (thu theo danh sách)."""
