// Package aks spells out the az commands that make AKS nodes trust a CA, as
// they are today and as they were in the preview that retired. It never runs
// one.
package aks
