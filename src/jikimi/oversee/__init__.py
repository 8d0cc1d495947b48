"""Those who look over the whole: what is kept, for how long, and how it ends. It must never read a case for its own sake."""
