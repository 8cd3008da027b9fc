package pipelinetest

// jobQueue holds the jobs of an action type that wait for a poll, in the order
// in which they came. A poll may ask for those with a value of the queryable
// property alone, so that each is in two lists; it is taken out of one, and the
// other skips it.
type jobQueue struct {
	property string // the queryable one; "" if there is none
	all      []queued
	byValue  map[string][]queued
	tickets  int
}

// queued is a job's place in the queue. It is void unless the job holds the
// ticket.
type queued struct {
	job    *jobRecord
	ticket int
}

func (q *jobQueue) push(j *jobRecord) {
	q.tickets++
	j.ticket = q.tickets
	q.append(queued{j, j.ticket})
}

func (q *jobQueue) append(place queued) {
	q.all = append(q.all, place)
	if q.property != "" {
		if q.byValue == nil {
			q.byValue = make(map[string][]queued)
		}
		value := place.job.Configuration[q.property]
		q.byValue[value] = append(q.byValue[value], place)
	}
}

// setProperty makes the property the queryable one.
func (q *jobQueue) setProperty(property string) {
	places := q.all
	q.property, q.all, q.byValue = property, nil, nil
	for _, place := range places {
		if place.job.ticket == place.ticket {
			q.append(place)
		}
	}
}

// pop takes out the next job, nil if there is none. If value is not nil, it is
// one with that value of the queryable property.
func (q *jobQueue) pop(value *string) *jobRecord {
	if value == nil {
		return pop(&q.all)
	}
	places := q.byValue[*value]
	j := pop(&places)
	if len(places) == 0 {
		delete(q.byValue, *value)
	} else {
		q.byValue[*value] = places
	}
	return j
}

func pop(places *[]queued) *jobRecord {
	for len(*places) > 0 {
		place := (*places)[0]
		(*places)[0] = queued{}
		*places = (*places)[1:]
		if j := place.job; j.ticket == place.ticket {
			j.ticket = 0
			return j
		}
	}
	return nil
}
