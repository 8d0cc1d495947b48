"""Who may know: policy, and the register of who asked. It must never know people but by id."""
