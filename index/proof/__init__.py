"""The verifier: quotes against the stored source, written sentences against their citations."""
