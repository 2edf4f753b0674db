namespace Lcnn.Distributed.Grains.Storage;

/// <summary>Another silo has written the record of this run or sweep; the activation here has to go.</summary>
internal sealed class RecordSupersededException(string id, Exception inner)
    : Exception($"{id}: its record was written by another silo; this one gives way", inner);
