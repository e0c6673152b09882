// Package aks writes the az commands that make AKS nodes trust a CA: those of
// today, and those of the preview that was retired. It does not run them.
package aks
