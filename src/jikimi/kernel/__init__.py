"""The ground floor: ids, clock, units, geodesy, errors. It must never import another room."""
