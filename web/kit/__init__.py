"""The kit: style sheets and scripts of components that pages use by class names."""
