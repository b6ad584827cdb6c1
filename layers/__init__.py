"""What a map is made of: the view, the style, and one file a layer with a screen face and a print face."""
