"""What is kept about players and servers: shown to them, handed out, and removed. Functions over a connection."""
