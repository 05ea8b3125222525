"""Details put right by people: one device on screen, many by file, and what only DCC's desk may correct."""
