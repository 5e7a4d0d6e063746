//! Values given by API, by link and in forms.
