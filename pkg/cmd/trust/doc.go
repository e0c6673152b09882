// Package trust groups the commands about CA certificates. What they do is in
// the packages below.
package trust
