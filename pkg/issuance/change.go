package issuance

import (
	"cmp"
	"reflect"
	"slices"
	"time"
)

// change replaces an entry.
func (e *engine) change(entry Entry) {
	it := e.items[entry.Ref]
	if it == nil {
		it = &item{index: -1}
		e.items[entry.Ref] = it
	}
	if it.running {
		it.missed = append(it.missed, entry)
	} else {
		entry = it.current(entry)
	}
	if entry.Secret.RenewalID != it.Secret.RenewalID {
		it.info, it.nextInfo = RenewalInfo{}, time.Time{}
	}
	if it.running && (entry.Demand == nil || entry.Demand.Digest != it.Demand.Digest || !reflect.DeepEqual(entry.Demand.Issuer, it.Demand.Issuer)) {
		it.stop(errChanged)
	}
	if mine := it.Journal; mine.Failed.After(entry.Journal.Failed) {
		// A failure of this process may not be stored, or not be read back yet.
		mine.Version = cmp.Or(entry.Journal.Version, mine.Version)
		entry.Journal = mine
	}
	it.Entry = entry
	e.decide(it)
}

// catchUp handles the entries that came during an order.
func (e *engine) catchUp(it *item, missed []Entry) {
	for _, entry := range missed {
		if it.Demand == nil || e.items[it.Ref] != it {
			return
		}
		entry = it.current(entry)
		if entry.Secret.Version == it.Secret.Version && entry.Journal.Version == it.Journal.Version {
			continue // only the request has changed, which is known
		}
		entry.Demand = it.Demand
		e.change(entry)
	}
	// From now on a missing object may be a deleted one.
	missing := func(version string) bool { return version == "" }
	it.oldSecrets, it.oldJournals = slices.DeleteFunc(it.oldSecrets, missing), slices.DeleteFunc(it.oldJournals, missing)
}
