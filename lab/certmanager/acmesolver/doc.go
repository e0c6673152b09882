// Acmesolver is what cert-manager's image of that name runs in the pods that
// answer HTTP-01. Its own main is in a module that cannot be imported on its own.
package main
