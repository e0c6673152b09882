// Package version prints the version of the program. It does not look for newer ones.
package version
