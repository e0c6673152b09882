// Acmesolver is what cert-manager's image of that name runs in the pods that
// answer HTTP-01. Its own main is in a module that cannot be had by itself.
package main
