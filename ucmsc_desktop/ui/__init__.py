"""The window: Qt Widgets in code on top of `Session`. Nothing here may touch a file of data or decide a rule."""
