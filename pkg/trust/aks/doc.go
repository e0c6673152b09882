// Package aks prints the az commands that make AKS nodes trust a CA: the current
// ones, and those of the retired preview. It does not run them.
package aks
