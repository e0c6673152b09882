// Lab-cert-manager runs cert-manager's own controllers against the lab, until
// its standard input closes if that is a pipe. It never changes what they do. They
// count on a garbage collector: run lab collect as well.
package main
