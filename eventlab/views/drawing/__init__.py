"""What every picture is drawn with: lines, boxes and labels, words, axes, tables."""
