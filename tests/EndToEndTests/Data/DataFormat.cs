namespace Lcnn.Distributed.EndToEndTests.Data;

/// <summary>The formats that data sets come in.</summary>
public enum DataFormat
{
    Idx,
    IdxGzip,
    Cifar10,
    Cifar10Archive,
    Cifar100,
    Cifar100Archive,
}
