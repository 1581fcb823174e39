"""One evaluation: folders and a protocol in, a report out."""
