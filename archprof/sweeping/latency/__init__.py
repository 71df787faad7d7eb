"""How long variants take, predicted from the times of their layers."""
