// Package aks is the commands that print what az is to be called with so that the
// nodes of AKS trust CAs. They run nothing, and ask no cluster.
package aks
