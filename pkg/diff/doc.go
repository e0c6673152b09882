// Package diff compares sets of Kubernetes objects and prints the differences as
// text, JSON or Markdown. It does not read files, and it hides the content of
// Secrets.
package diff
