namespace Lcnn.Distributed.Model.Data;

/// <summary>How the files of a data set are laid out.</summary>
public enum DataSetFormat
{
    /// <summary>The CSV file inside this assembly.</summary>
    Embedded,
    /// <summary>MNIST's IDX files: images and labels, for training and for testing, in this order.</summary>
    Idx,
    /// <summary>CIFAR's binary version with one label byte a record.</summary>
    Cifar10,
    /// <summary>CIFAR's binary version with a coarse and a fine label byte a record; the fine one is used.</summary>
    Cifar100,
}
