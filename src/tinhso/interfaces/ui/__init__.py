"""The look: base pages, components, assets and formats shared by every audience."""
