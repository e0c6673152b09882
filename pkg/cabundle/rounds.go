package cabundle

import (
	"encoding/asn1"
	"fmt"
	"math"
	"math/big"
)

// maxRounds is far more than tools use and still takes only seconds.
const maxRounds = 5_000_000

func tooManyRounds(n int64) error {
	return fmt.Errorf("it needs %d rounds of hashing, over the limit of %d", n, maxRounds)
}

// maxNesting is deeper than PKCS#12 goes.
const maxNesting = 20

// smallHash is the shortest length of a hash. A longer key takes all rounds again
// for each hash.
const smallHash = 20

// rounds returns the highest number of rounds of hashing in PKCS#12: the number
// after a salt, which the length of a key may follow. The library has no limit and
// cannot be interrupted.
func rounds(der []byte, depth int) int64 {
	var most, asked int64
	behindSalt := false
	for len(der) > 0 && depth < maxNesting {
		var v asn1.RawValue
		rest, err := asn1.Unmarshal(der, &v)
		if err != nil {
			return most
		}
		octets := v.Class == asn1.ClassUniversal && v.Tag == asn1.TagOctetString
		integer := v.Class == asn1.ClassUniversal && v.Tag == asn1.TagInteger
		before := asked
		asked = 0
		switch {
		case behindSalt && integer:
			asked = number(v.Bytes)
			most = max(most, asked)
		case before > 0 && integer:
			most = max(most, product(before, 1+number(v.Bytes)/smallHash))
		case v.IsCompound || octets:
			most = max(most, rounds(v.Bytes, depth+1))
		}
		behindSalt, der = octets, rest
	}
	return most
}

func number(b []byte) int64 {
	n := new(big.Int).SetBytes(b)
	if !n.IsInt64() {
		return math.MaxInt64
	}
	return n.Int64()
}

// product multiplies without overflow.
func product(a, b int64) int64 {
	if a > 0 && b > math.MaxInt64/a {
		return math.MaxInt64
	}
	return a * b
}
