"""A trial of the store on this computer: what was acknowledged must be there, whatever happened."""
