// Package apitest is an API server for tests that answers each request as the
// test says. It keeps no objects.
package apitest
