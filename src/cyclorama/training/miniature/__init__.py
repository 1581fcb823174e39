"""The miniature: how the embedded FLUX-architecture model is made, stage by stage.

    cyclorama train miniature-autoencoder -o runs/autoencoder     linear patch code, and a decoder beyond it
    cyclorama train miniature-base        -o runs/base            transformer and text encoders, on photographs
    cyclorama train miniature-base-large  -o runs/base-large      the same, on larger photographs
    cyclorama train miniature-panorama    -o runs/panorama        the panorama LoRA, by the recipe that users have

Renders of the diorama are made on first use in `runs/renders`. Each stage writes what the next one reads.
"""
