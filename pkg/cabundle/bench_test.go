package cabundle

import (
	"fmt"
	"strings"
	"testing"
)

// roots returns n roots in PEM, unsorted.
func roots(n int) []byte {
	var text strings.Builder
	for i := range n {
		text.WriteString(pemOf(root(fmt.Sprintf("Root %d", (i*7919)%n))))
	}
	return []byte(text.String())
}

// BenchmarkBundle does what trust bundle does: read, check, normalise, write.
func BenchmarkBundle(b *testing.B) {
	for _, n := range []int{100, 1000, 10_000} {
		text := roots(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				bundle, err := Read("roots.pem", text)
				if err != nil {
					b.Fatal(err)
				}
				Check(bundle, Generic, now)
				Encode(Normalise(bundle.Entries), Generic)
			}
			perCertificate(b, n)
		})
	}
}

// perCertificate reports the time per certificate, which is constant if all is linear.
func perCertificate(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/certificate")
}

// BenchmarkNormalise does not check.
func BenchmarkNormalise(b *testing.B) {
	for _, n := range []int{100, 1000, 10_000} {
		text := roots(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				bundle, err := Read("roots.pem", text)
				if err != nil {
					b.Fatal(err)
				}
				Encode(Normalise(bundle.Entries), Generic)
			}
			perCertificate(b, n)
		})
	}
}
