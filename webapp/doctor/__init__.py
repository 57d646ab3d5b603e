"""What is wrong with a machine, in plain words: settings, packages, disk, memory, data, network."""
